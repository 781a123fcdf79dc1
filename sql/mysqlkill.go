package sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	engine "github.com/go-sql-driver/mysql"
)

// killer ends on the server what a context has ended here. The driver only drops its connection, and the server goes on with the query until it
// has a row to send: minutes, for a bad one. KILL takes a connection of its own, since the one that it is about is busy.
//
// A connection whose statement was killed is not used again, so a KILL that comes late hits nobody.
type killer struct {
	control *sql.DB
	kills   sync.WaitGroup
}

func newKiller(c *engine.Config) (*killer, error) {
	connector, err := engine.NewConnector(c)
	if err != nil {
		return nil, err
	}
	k := &killer{control: sql.OpenDB(connector)}
	k.control.SetMaxOpenConns(2)
	k.control.SetMaxIdleConns(1)
	k.control.SetConnMaxIdleTime(time.Minute)
	return k, nil
}

// Close waits for the kills that run.
func (k *killer) Close() error {
	k.kills.Wait()
	return k.control.Close()
}

func (k *killer) kill(id int64) {
	defer k.kills.Done()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// The query may have ended by now, and the connection with it: nothing is to be told.
	_, _ = k.control.ExecContext(ctx, "KILL "+strconv.FormatInt(id, 10))
}

// connector opens connections that are guarded.
func (k *killer) connector(c *engine.Config) (driver.Connector, error) {
	inner, err := engine.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return &guarding{inner, k}, nil
}

type guarding struct {
	driver.Connector
	killer *killer
}

// mysqlConn is what the driver's connections can do, and mysqlRows what its rows can.
type mysqlConn interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

type mysqlRows interface {
	driver.RowsNextResultSet
	driver.RowsColumnTypeDatabaseTypeName
}

func (g *guarding) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := g.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(mysqlConn)
	if !ok {
		return nil, fmt.Errorf("sql: the MySQL driver's connection is a %T and lacks what this version needs", conn)
	}
	id, err := connectionID(ctx, inner)
	if err != nil {
		return nil, err
	}
	return &guarded{mysqlConn: inner, id: id, killer: g.killer}, nil
}

func connectionID(ctx context.Context, conn mysqlConn) (int64, error) {
	rows, err := conn.QueryContext(ctx, "SELECT CAST(CONNECTION_ID() AS CHAR)", nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // Next has told what there is to tell
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return 0, err
	}
	text, _ := row[0].([]byte)
	id, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		if rest := rows.Next(row); rest != io.EOF { //nolint:errorlint // drivers return io.EOF itself
			err = rest
		}
	}
	return id, err
}

// guarded is a connection whose statements are killed when their context ends.
type guarded struct {
	mysqlConn
	id     int64
	killer *killer
	dead   bool
}

// watch has a statement killed when ctx ends before its end is called.
func (g *guarded) watch(ctx context.Context) (end func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	g.killer.kills.Add(1)
	stop := context.AfterFunc(ctx, func() { g.killer.kill(g.id) })
	var once sync.Once
	return func() {
		once.Do(func() {
			switch {
			case !stop():
				g.dead = true
			case ctx.Err() != nil: // ended while we were ending
				g.dead = true
				g.killer.kill(g.id)
			default:
				g.killer.kills.Done()
			}
		})
	}
}

func (g *guarded) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	end := g.watch(ctx)
	defer end()
	return g.mysqlConn.ExecContext(ctx, query, args)
}

func (g *guarded) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	end := g.watch(ctx)
	rows, err := g.mysqlConn.QueryContext(ctx, query, args)
	if err != nil {
		end()
		return nil, err
	}
	inner, ok := rows.(mysqlRows)
	if !ok {
		end()
		return rows, nil
	}
	return &guardedRows{inner, end}, nil
}

// PrepareContext is what the driver's caller falls back to for statements with ? in a name. Their runs are guarded too.
func (g *guarded) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := g.mysqlConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	inner, ok := stmt.(mysqlStmt)
	if !ok {
		return stmt, nil
	}
	return &guardedStmt{inner, g}, nil
}

// IsValid keeps a connection out of the pool that has been killed, or may still be.
func (g *guarded) IsValid() bool { return !g.dead && g.mysqlConn.IsValid() }

type mysqlStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	driver.NamedValueChecker
}

type guardedStmt struct {
	mysqlStmt
	conn *guarded
}

func (s *guardedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	end := s.conn.watch(ctx)
	defer end()
	return s.mysqlStmt.ExecContext(ctx, args)
}

func (s *guardedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	end := s.conn.watch(ctx)
	rows, err := s.mysqlStmt.QueryContext(ctx, args)
	if err != nil {
		end()
		return nil, err
	}
	inner, ok := rows.(mysqlRows)
	if !ok {
		end()
		return rows, nil
	}
	return &guardedRows{inner, end}, nil
}

type guardedRows struct {
	mysqlRows
	end func()
}

func (r *guardedRows) Close() error {
	err := r.mysqlRows.Close()
	r.end()
	return err
}

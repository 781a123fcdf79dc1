package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"greenroom/examples/shop/seed"
)

// shop is the database of the scenarios that work on orders, made once for all of them.
type shop struct {
	file   string
	orders int
	// quarter and deep are when the orders were placed that a quarter and 99 % of all come before in the list, which begins with the newest; two pages follow.
	quarter, deep string
	// temporary is the folder to remove, "" for a file that was named.
	temporary string
}

func openShop(ctx context.Context, cfg *Config) (_ *shop, err error) {
	s := &shop{file: cfg.Shop}
	if s.file == "" {
		if s.temporary, err = os.MkdirTemp("", "greenroom-bench"); err != nil {
			return nil, err
		}
		s.file = filepath.Join(s.temporary, "shop.db")
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if _, err = os.Stat(s.file); errors.Is(err, os.ErrNotExist) {
		err = fillShop(ctx, cfg, s.file)
	}
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+s.file+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer db.Close() //nolint:errcheck // read only
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM orders").Scan(&s.orders); err != nil {
		return nil, fmt.Errorf("%s is no shop of greenroom demo: %w", s.file, err)
	}
	if s.orders < 100 {
		return nil, fmt.Errorf("%s has %d orders; want 100 or more", s.file, s.orders)
	}
	for part, to := range map[int]*string{s.orders / 4: &s.quarter, min(s.orders/100*99, s.orders-60): &s.deep} {
		at := db.QueryRowContext(ctx, "SELECT CAST(created_at AS TEXT) FROM orders ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?", part)
		if err := at.Scan(to); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// fillShop makes the shop beside its place and moves it there whole.
func fillShop(ctx context.Context, cfg *Config, file string) error {
	making := file + ".new"
	if err := os.Remove(making); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+making+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	last := time.Now()
	err = seed.Fill(ctx, db, seed.Options{Orders: cfg.Orders, Progress: func(done, total int) {
		if time.Since(last) > time.Second {
			last = time.Now()
			cfg.Progress(fmt.Sprintf("making the shop: %d of %d orders", done, total))
		}
	}})
	if err := errors.Join(err, db.Close()); err != nil {
		return errors.Join(err, os.Remove(making))
	}
	return os.Rename(making, file)
}

func (s *shop) close() {
	if s.temporary != "" {
		_ = os.RemoveAll(s.temporary)
	}
}

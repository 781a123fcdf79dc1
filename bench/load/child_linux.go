package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"greenroom/bench/target"
)

// child is the server that a run started. It ends with its standard input, and is killed by its pid when it does not.
type child struct {
	url     string
	process process
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	said    strings.Builder // its standard error
	dir     string
}

// start starts a target and returns when it answers.
func start(ctx context.Context, commandLine []string, args ...string) (*child, error) {
	dir, err := os.MkdirTemp("", "greenroom-bench")
	if err != nil {
		return nil, err
	}
	c := &child{dir: dir}
	args = append(args, "--dir", dir)
	// Killed when ctx ends; stop waits for it.
	c.command = exec.CommandContext(ctx, commandLine[0], append(commandLine[1:len(commandLine):len(commandLine)], args...)...) //nolint:gosec // our own program
	c.command.Stderr = &c.said
	c.command.WaitDelay = 5 * time.Second
	in, err := c.command.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the server to measure: %w", err), os.RemoveAll(dir))
	}
	c.in = in
	c.out, c.process = bufio.NewReader(out), process(c.command.Process.Pid)
	var hello target.Hello
	if err := c.read(&hello); err != nil {
		c.stop()
		return nil, fmt.Errorf("start the server to measure: %w: %s", err, c.said.String())
	}
	c.url = hello.URL
	return c, nil
}

// tell has the target do something and waits until it is done.
func (c *child) tell(format string, args ...any) (target.Answer, error) {
	var a target.Answer
	if _, err := fmt.Fprintf(c.in, format+"\n", args...); err != nil {
		return a, fmt.Errorf("the measured server is gone: %w", err)
	}
	if err := c.read(&a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// told is what the target answered to ask.
type told struct {
	answer target.Answer
	err    error
}

// ask is tell without waiting; the answer comes through the channel, which has room for it. Nothing else may be told meanwhile.
func (c *child) ask(format string, args ...any) <-chan told {
	answer := make(chan told, 1)
	// Waits for one answer; ends with it, or with the target.
	go func() {
		a, err := c.tell(format, args...)
		answer <- told{a, err}
	}()
	return answer
}

func (c *child) read(v any) error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the measured server is gone: %w", err)
	}
	return json.Unmarshal(line, v)
}

// stop ends the target. What it was measured for is over, so it is not drained.
func (c *child) stop() {
	_ = c.in.Close()
	_ = c.command.Process.Kill()
	_ = c.command.Wait() // "signal: killed" is what was wanted
	_ = os.RemoveAll(c.dir)
}

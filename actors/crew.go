package actors

import "sync"

// runner is what a goroutine of the crew runs: a mailbox, or a task.
type runner interface{ run() }

// task is a function as a runner.
type task func()

func (t task) run() { t() }

// crew keeps goroutines that have nothing to do for the next that has.
type crew struct {
	mu     sync.Mutex
	idle   []chan runner // the last one first: its stack is still in the cache
	closed bool
}

// mostIdle is how many goroutines wait at most.
const mostIdle = 64

func (c *crew) run(r runner) {
	c.mu.Lock()
	if n := len(c.idle); n > 0 {
		wake := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		wake <- r // has room for one
		return
	}
	c.mu.Unlock()
	// Runs mailboxes and tasks; ends when enough others wait, or with close.
	go c.work(r)
}

func (c *crew) work(r runner) {
	wake := make(chan runner, 1)
	for r != nil {
		r.run()
		c.mu.Lock()
		if c.closed || len(c.idle) >= mostIdle {
			c.mu.Unlock()
			return
		}
		c.idle = append(c.idle, wake)
		c.mu.Unlock()
		r = <-wake
	}
}

// close ends those that wait; what is run afterwards ends by itself.
func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, wake := range c.idle {
		wake <- nil
	}
	c.idle = nil
}

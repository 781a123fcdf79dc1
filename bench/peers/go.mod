module greenroom/bench/peers

go 1.26.8

require (
	github.com/jfyne/live v0.16.2
	greenroom v0.0.0
)

require (
	github.com/coder/websocket v1.8.13 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/rs/xid v1.6.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/time v0.11.0 // indirect
)

replace greenroom => ../..

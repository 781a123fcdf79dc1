package client

import "embed"

// Files holds the modules and the style sheet under src/.
//
//go:embed src
var Files embed.FS

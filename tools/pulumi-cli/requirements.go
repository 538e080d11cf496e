//go:build requirements

// Package requirements names what the Go program of tests/engine/languages imports besides the generated SDK:
// its test compiles it with the go.mod and go.sum of this folder.
package requirements

import _ "github.com/pulumi/pulumi/sdk/v3/go/auto"

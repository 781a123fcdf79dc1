//go:build !race

package view_test

const raceOn = false

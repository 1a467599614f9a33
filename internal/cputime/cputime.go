// Package cputime reads how much CPU time this process has used.
package cputime

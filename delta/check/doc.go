// Package check is a linter of the Delta protocol: it reads a table's log with a parser of its own, apart from package delta's, and tells every breach of the
// protocol that it finds, with the commit that made it. It changes nothing.
package check

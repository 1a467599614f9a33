package kernel

// raises is raise_error, which no row survives.
func raises() map[string]builder {
	return map[string]builder{"raise_error": raiseError}
}

func raiseError(c *site) (kernel, error) {
	return kernel{null: true, unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		for i := range k.rows() {
			message := "null"
			if !args[0].isNull(i) {
				message = string(textsOf(args[0]).at(i))
			}
			return vec{}, fault(c.pos, "USER_RAISED_EXCEPTION", "P0001", "", "%s", message)
		}
		return k.nothing(), nil
	}}, nil
}

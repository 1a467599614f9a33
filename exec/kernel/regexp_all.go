package kernel

import (
	"unicode/utf16"
	"unicode/utf8"
)

// regexpCount is the number of matches that do not overlap.
func regexpCount(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of := textsOf(args[0]), r.over(args[1])
		return tried(k, false, func(i int) (int32, error) {
			re, err := of(i)
			if err != nil {
				return 0, err
			}
			return int32(len(re.matches(a.at(i)))), nil
		})
	}}, nil
}

// regexpExtractAll is a group of each match, empty where the group took no part.
func regexpExtractAll(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of, group := textsOf(args[0]), r.over(args[1]), groupOf(args)
		return k.textLists(func(i int, add func([]byte)) error {
			re, err := of(i)
			if err != nil {
				return err
			}
			for _, m := range re.matches(a.at(i)) {
				g := group(i)
				if err := r.group(re, g); err != nil {
					return err
				}
				if m[2*g] < 0 {
					add(nil)
					continue
				}
				add(a.at(i)[m[2*g]:m[2*g+1]])
			}
			return nil
		})
	}}, nil
}

// regexpInstr is the position of the first match from 1 in UTF-16, or 0.
func regexpInstr(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of := textsOf(args[0]), r.over(args[1])
		return tried(k, false, func(i int) (int32, error) {
			re, err := of(i)
			if err != nil {
				return 0, err
			}
			m := re.find(a.at(i))
			if m == nil {
				return 0, nil
			}
			return units16(a.at(i)[:m[0]]) + 1, nil
		})
	}}, nil
}

// units16 is the length of a text in UTF-16.
func units16(s []byte) (n int32) {
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		n, s = n+int32(max(1, utf16.RuneLen(r))), s[size:]
	}
	return n
}

// regexpSubstr is the first match, NULL where there is none or it is empty.
func regexpSubstr(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of := textsOf(args[0]), r.over(args[1])
		t := k.newText(a.size())
		for i := range k.rows() {
			re, err := of(i)
			if err != nil {
				return vec{}, err
			}
			t.row(i)
			m := re.find(a.at(i))
			if m == nil || m[0] == m[1] {
				k.setNull(i)
				continue
			}
			t.data = append(t.data, a.at(i)[m[0]:m[1]]...)
		}
		return t.done()
	}}, nil
}

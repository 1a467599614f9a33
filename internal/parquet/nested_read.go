package parquet

// readNested reads the rows before row to of a leaf below others, into the output if keep, and else passes over them. A row of a page V1 may go on in the next
// page, so its end is known only where the next row begins.
func (r *leafReader) readNested(to int64, keep bool) error {
	p := &r.page
	for {
		if p.left == 0 {
			if r.row >= to && r.src.endsRow() {
				return nil
			}
			if err := r.nextPage(); err != nil {
				return err
			}
		}
		k, started := r.rowsAhead(to - r.row)
		if err := r.appendNested(k, keep); err != nil {
			return err
		}
		r.row += started
		if p.left > 0 { // the next entry begins a row too many
			return nil
		}
	}
}

// rowsAhead counts the entries of the page that belong to the row at hand and to the n that follow, and how many of these begin.
func (r *leafReader) rowsAhead(n int64) (entries int, started int64) {
	rep := r.page.rep[:r.page.left]
	if r.leaf.maxRep == 0 {
		started = min(n, int64(len(rep)))
		return int(started), started
	}
	for i, v := range rep {
		if v == 0 {
			if started == n {
				return i, started
			}
			started++
		}
	}
	return len(rep), started
}

// appendNested takes k entries.
func (r *leafReader) appendNested(k int, keep bool) error {
	p, o, l := &r.page, &r.out, r.leaf
	def, rep := p.def[:k], p.rep[:k]
	p.def, p.rep, p.left = p.def[k:], p.rep[k:], p.left-k
	if !keep {
		return r.skipValues(countEqual(def, l.maxDef))
	}
	o.def = append(o.def, def...)
	if l.maxRep > 0 {
		o.rep = append(o.rep, rep...)
		if err := checkOffset(len(o.rep)); err != nil {
			return err
		}
	}
	slots := k
	if l.slotDef > 0 {
		slots = 0
		for _, d := range def {
			if d >= l.slotDef {
				slots++
			}
		}
	}
	at, present := o.slots, slots
	if l.maxDef > l.slotDef {
		b := o.extendValid(slots)
		present = setValid(b, at, def, l.slotDef, l.maxDef)
	}
	o.slots += slots
	o.nulls += slots - present
	return r.appendValues(at, slots, present)
}

// setValid sets the bits of the slots that are not null, and counts them.
func setValid(b []byte, at int, def []uint8, slotDef, maxDef uint8) (present int) {
	for _, d := range def {
		if d < slotDef {
			continue
		}
		if d == maxDef {
			b[at>>3] |= 1 << (at & 7)
			present++
		}
		at++
	}
	return present
}

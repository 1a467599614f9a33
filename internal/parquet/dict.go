package parquet

import "github.com/medallion-go/medallion/internal/parquet/meta"

// The limits of dictionaries.
const (
	minTable    = 1 << 8
	allDistinct = 2048 // so many first values without one twice are taken for a column that has none twice
)

// dictionary numbers the distinct values of a chunk in the order of their first occurrence. It is a hash table with open addressing: an entry is the upper
// half of a value's hash and its code plus one; zero is free.
type dictionary struct {
	table []uint64
	mask  uint64
	n     int // distinct values

	fixed []uint64 // integers and floats, as bits
	offs  []uint32 // strings: n+1 offsets into data
	data  []byte
}

func (d *dictionary) reset() {
	if d.table == nil {
		d.table = make([]uint64, minTable)
	} else {
		clear(d.table)
	}
	d.mask = uint64(len(d.table) - 1)
	d.n, d.fixed, d.data = 0, d.fixed[:0], d.data[:0]
	d.offs = append(d.offs[:0], 0)
}

// drop gives the memory back; reset makes the dictionary usable again.
func (d *dictionary) drop() { *d = dictionary{} }

// size is that of the dictionary page, about.
func (d *dictionary) size() int { return len(d.data) + 4*len(d.offs) + 8*len(d.fixed) }

func (d *dictionary) str(code int32) []byte { return d.data[d.offs[code]:d.offs[code+1]] }

// makeRoom doubles the table when it is half full.
func (d *dictionary) makeRoom() {
	if 2*d.n < len(d.table) {
		return
	}
	old := d.table
	d.table = make([]uint64, 2*len(old))
	d.mask = uint64(len(d.table) - 1)
	for _, e := range old {
		if e != 0 {
			j := d.home(e >> 32)
			for d.table[j] != 0 {
				j = (j + 1) & d.mask
			}
			d.table[j] = e
		}
	}
}

// home is where the search for a value with that tag, the upper half of its hash, begins.
func (d *dictionary) home(tag uint64) uint64 { return tag & d.mask }

// codeOf gives the code of a string, a new one if need be.
func (d *dictionary) codeOf(s []byte) int32 {
	tag := hashBytes(s) >> 32
	for j := d.home(tag); ; j = (j + 1) & d.mask {
		e := d.table[j]
		if e == 0 {
			d.table[j] = tag<<32 | uint64(d.n+1)
			d.data = append(d.data, s...)
			d.offs = append(d.offs, uint32(len(d.data)))
			d.n++
			d.makeRoom()
			return int32(d.n - 1)
		}
		if e>>32 == tag {
			if c := int32(uint32(e)) - 1; string(d.str(c)) == string(s) {
				return c
			}
		}
	}
}

// codeOfFixed gives the code of a number, a new one if need be.
func (d *dictionary) codeOfFixed(v uint64) int32 {
	tag := mix(v^seed0, seed1) >> 32
	for j := d.home(tag); ; j = (j + 1) & d.mask {
		e := d.table[j]
		if e == 0 {
			d.table[j] = tag<<32 | uint64(d.n+1)
			d.fixed = append(d.fixed, v)
			d.n++
			d.makeRoom()
			return int32(d.n - 1)
		}
		if c := int32(uint32(e)) - 1; e>>32 == tag && d.fixed[c] == v {
			return c
		}
	}
}

// appendPage appends the dictionary page's values.
func (d *dictionary) appendPage(b []byte, phys meta.Type) []byte {
	switch phys {
	case meta.ByteArray:
		for i := range d.n {
			b = appendPlain(b, d.str(int32(i)))
		}
	case meta.Int32, meta.Float:
		b = d.appendValues(b, 4)
	default:
		b = append(b, bytesOf(d.fixed)...)
	}
	return b
}

func (d *dictionary) appendValues(b []byte, width int) []byte {
	for _, v := range d.fixed {
		b = append(b, bytesOf([]uint64{v})[:width]...)
	}
	return b
}

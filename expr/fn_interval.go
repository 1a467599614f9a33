package expr

// intervalPart gives a field of an interval, which must be among those of its type.
func (c *call) intervalPart(field string) (Bound, error) {
	return nil, c.invalidField(field)
}

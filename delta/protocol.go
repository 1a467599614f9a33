package delta

import "slices"

// requiredProtocol is the lowest protocol that serves the metadata and has the features, and never lower than the one that is there.
func requiredProtocol(have *Protocol, m *tableMetadata, features []string) *Protocol {
	p := Protocol{MinReaderVersion: 1, MinWriterVersion: 2}
	if have != nil {
		p = *have
	}
	p = p.with(append(m.wants(), features...)...)
	return &p
}

// supports reports whether the protocol has the feature, listed or implied by its versions.
func (p *Protocol) supports(name string) bool {
	if p.MinWriterVersion >= writerWithFeatures {
		return slices.Contains(p.WriterFeatures, name)
	}
	f := featureNamed(name)
	return f != nil && f.legacy > 0 && f.legacy <= p.MinWriterVersion && (!f.reader || p.MinReaderVersion >= 2)
}

// with is the lowest protocol that has these features, and those they need, too (Delta protocol: Table Features). The versions of old suffice where each
// of them is implied by one; else every feature is listed, with what the old versions implied.
func (p Protocol) with(names ...string) Protocol {
	missing := p.missing(names)
	if len(missing) == 0 {
		return p
	}
	listed := p.MinWriterVersion >= writerWithFeatures || slices.ContainsFunc(missing, func(f *feature) bool { return f.legacy == 0 })
	if !listed {
		for _, f := range missing {
			p.MinWriterVersion = max(p.MinWriterVersion, f.legacy)
			if f.reader {
				p.MinReaderVersion = 2
			}
		}
		return p
	}
	n := Protocol{MinReaderVersion: p.MinReaderVersion, MinWriterVersion: writerWithFeatures, ReaderFeatures: slices.Clone(p.ReaderFeatures), WriterFeatures: p.listed()}
	for _, f := range missing {
		n.WriterFeatures = append(n.WriterFeatures, f.name)
		switch {
		case f.name == "columnMapping":
			n.MinReaderVersion = max(n.MinReaderVersion, 2)
		case f.reader:
			n.MinReaderVersion = readerWithFeatures
		}
	}
	if n.MinReaderVersion == readerWithFeatures {
		for _, name := range n.WriterFeatures {
			if f := featureNamed(name); f != nil && f.reader && !slices.Contains(n.ReaderFeatures, name) {
				n.ReaderFeatures = append(n.ReaderFeatures, name)
			}
		}
	}
	return n
}

// missing are the named features, and those that they need, which the protocol does not have; each once.
func (p *Protocol) missing(names []string) []*feature {
	var list []*feature
	for _, name := range names {
		f := featureNamed(name)
		if f == nil || p.supports(name) || p.supports(name+"-preview") || slices.Contains(list, f) {
			continue
		}
		for _, needed := range p.missing(f.needs) {
			if !slices.Contains(list, needed) {
				list = append(list, needed)
			}
		}
		list = append(list, f)
	}
	return list
}

// listed are the writer features by name, also those that a legacy version implies.
func (p *Protocol) listed() []string {
	if p.MinWriterVersion >= writerWithFeatures {
		return slices.Clone(p.WriterFeatures)
	}
	var names []string
	for _, f := range features {
		if p.supports(f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// Features are the names of the features that the table has: those that its protocol lists, or that its versions imply.
func (s *Snapshot) Features() []string { return s.protocol.listed() }

// without is the protocol without a feature: with the versions of old where these imply just what is left.
func (p Protocol) without(name string) *Protocol {
	left := slices.DeleteFunc(p.listed(), func(f string) bool { return f == name })
	for version := 1; version < writerWithFeatures; version++ {
		old := Protocol{MinReaderVersion: 1, MinWriterVersion: version}
		if slices.Contains(left, "columnMapping") {
			old.MinReaderVersion = 2
		}
		implied := old.listed()
		slices.Sort(implied)
		if slices.Equal(implied, slices.Sorted(slices.Values(left))) {
			return &old
		}
	}
	n := Protocol{MinReaderVersion: 1, MinWriterVersion: writerWithFeatures, WriterFeatures: left}
	for _, f := range left {
		known := featureNamed(f)
		switch {
		case known == nil && slices.Contains(p.ReaderFeatures, f), known != nil && known.reader && f != "columnMapping":
			n.MinReaderVersion = readerWithFeatures
		case f == "columnMapping":
			n.MinReaderVersion = max(n.MinReaderVersion, 2)
		}
	}
	if n.MinReaderVersion == readerWithFeatures {
		n.ReaderFeatures = slices.DeleteFunc(slices.Clone(left), func(f string) bool {
			known := featureNamed(f)
			return !slices.Contains(p.ReaderFeatures, f) && (known == nil || !known.reader)
		})
	}
	return &n
}

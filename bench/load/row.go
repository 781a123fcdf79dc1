package load

// Row is a promise and what was measured of it.
type Row struct {
	What       string
	Must, Good float64
	// Least says that the values must be at least Must, not at most.
	Least            bool
	Min, Median, Max float64
}

// NewRow makes a row of values, of which there is one or more.
func NewRow(what string, must, good float64, least bool, values []float64) Row {
	lowest, median, highest, _ := spread(values)
	return Row{what, must, good, least, lowest, median, highest}
}

// Verdict is good, must, or MISSED, by the median.
func (r Row) Verdict() string {
	switch {
	case r.Least && r.Median >= r.Good, !r.Least && r.Median <= r.Good:
		return "good"
	case r.Least && r.Median >= r.Must, !r.Least && r.Median <= r.Must:
		return "must"
	}
	return "MISSED"
}

// Sign stands before the promise.
func (r Row) Sign() string {
	if r.Least {
		return "≥"
	}
	return "≤"
}

// Rows are the bars that were measured.
func (r *Report) Rows() []Row {
	var all []Row
	for _, b := range bars {
		if values := r.values[b.key]; len(values) > 0 {
			all = append(all, NewRow(b.says, b.must, b.good, b.least, values))
		}
	}
	return all
}

// Values are what the runs measured of a key, in their order.
func (r *Report) Values(key string) []float64 { return r.values[key] }

// Join adds the runs of another report.
func (r *Report) Join(other *Report) {
	if r.values == nil {
		r.values = map[string][]float64{}
	}
	for key, values := range other.values {
		r.values[key] = append(r.values[key], values...)
	}
}

package jobs

import (
	"context"
	"maps"
	"slices"
)

// Put stores a file.
func (m *Memory) Put(ctx context.Context, id string, epoch int64, name string, data []byte) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	one := m.runs[id]
	switch {
	case one == nil:
		return ErrNotFound
	case !one.holds(epoch):
		return ErrFenced
	case one.files == nil:
		one.files = map[string][]byte{}
	}
	one.files[name] = data
	return nil
}

// Files names a run's files.
func (m *Memory) Files(ctx context.Context, id string) ([]File, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	one := m.runs[id]
	if one == nil {
		return nil, ErrNotFound
	}
	var all []File
	for _, name := range slices.Sorted(maps.Keys(one.files)) {
		all = append(all, File{name, int64(len(one.files[name]))})
	}
	return all, nil
}

// File reads a file.
func (m *Memory) File(ctx context.Context, id, name string) ([]byte, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if one := m.runs[id]; one != nil {
		if data, ok := one.files[name]; ok {
			return data, nil
		}
	}
	return nil, ErrNotFound
}

// FailedRows are those of a run.
func (m *Memory) FailedRows(ctx context.Context, id string) ([]FailedRow, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if one := m.runs[id]; one != nil {
		return slices.Clone(one.failed), nil
	}
	return nil, ErrNotFound
}

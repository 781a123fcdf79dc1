package jobstest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"greenroom/jobs"
)

func testStand(t *testing.T, store func() jobs.Store) {
	s := store()
	waits := create(t, s, run("ada"))
	works := step(t, s, create(t, s, run("ada")), jobs.Running, func(r *jobs.Record) { r.Epoch++ })
	ended := step(t, s, create(t, s, run("bob")), jobs.Cancelled)
	stand, err := store().Stand(t.Context(), []string{ended.ID, "nothing", waits.ID, works.ID})
	if err != nil || len(stand) != 3 {
		t.Fatalf("%+v, %v", stand, err)
	}
	for _, r := range []jobs.Record{waits, works, ended} {
		if !slices.Contains(stand, r.At()) {
			t.Errorf("%+v is not among %+v", r.At(), stand)
		}
	}
	if stand, err := s.Stand(t.Context(), nil); err != nil || len(stand) != 0 {
		t.Errorf("of nothing: %+v, %v", stand, err)
	}
}

func testFailedRows(t *testing.T, store func() jobs.Store) {
	s := store()
	r := step(t, s, create(t, s, run("ada")), jobs.Running)
	if rows, err := s.FailedRows(t.Context(), r.ID); err != nil || len(rows) != 0 {
		t.Errorf("before any failed: %v, %v", rows, err)
	}
	var want []jobs.FailedRow
	for i := range 450 {
		want = append(want, jobs.FailedRow{Key: fmt.Sprintf("%d/ä", i), Text: "It's <no> \"good\" ✓ \\ ' %", Attempt: 1 + i/300})
	}
	failed := []jobs.Failures{{ID: r.ID, Epoch: r.Epoch, Rows: want[:300]}, {ID: "nothing", Epoch: 1, Rows: want[:1]}}
	stand, err := s.Save(t.Context(), []jobs.Progress{{ID: r.ID, Epoch: r.Epoch, Current: 300, Failed: 300}}, failed)
	if err != nil || !slices.Equal(stand, []jobs.At{r.At()}) {
		t.Errorf("stand: %+v, %v", stand, err)
	}
	stand, err = s.Save(t.Context(), nil, []jobs.Failures{{ID: r.ID, Epoch: r.Epoch, Rows: want[300:]}})
	if err != nil || !slices.Equal(stand, []jobs.At{r.At()}) {
		t.Errorf("without progress: %+v, %v", stand, err)
	}
	late := func(name string, epoch int64) {
		if _, err := s.Save(t.Context(), nil, []jobs.Failures{{ID: r.ID, Epoch: epoch, Rows: []jobs.FailedRow{{Key: "late"}}}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		rows, err := store().FailedRows(t.Context(), r.ID)
		if err != nil || !slices.Equal(rows, want) {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
	late("another epoch's", r.Epoch+1)
	r = step(t, s, r, jobs.Failed)
	late("after the end", r.Epoch)
	if got := get(t, s, r.ID); got.Current != 0 || got.Failed != 0 {
		t.Errorf("the step's own progress did not hold: %+v", got)
	}
	if _, err := s.FailedRows(t.Context(), "nothing"); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("of no run: %v", err)
	}
}

func testFiles(t *testing.T, store func() jobs.Store) {
	s, other := store(), store()
	r := step(t, s, create(t, s, run("ada")), jobs.Running)
	large := bytes.Repeat([]byte("\x00ä'\\\xff 7 bytes"), 200_000)
	put := func(id string, epoch int64, name string, data []byte) error {
		return s.Put(t.Context(), id, epoch, name, data)
	}
	for name, data := range map[string][]byte{"b.txt": []byte("first"), "a list.csv": large, "empty": {}} {
		if err := put(r.ID, r.Epoch, name, data); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := put(r.ID, r.Epoch, "b.txt", []byte("second")); err != nil {
		t.Fatal(err)
	}
	if err := put(r.ID, r.Epoch+1, "b.txt", []byte("another epoch's")); !errors.Is(err, jobs.ErrFenced) {
		t.Errorf("another epoch's: %v", err)
	}
	if err := put("nothing", 1, "b.txt", nil); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("of no run: %v", err)
	}
	r = step(t, s, r, jobs.Succeeded)
	if err := put(r.ID, r.Epoch, "b.txt", []byte("late")); !errors.Is(err, jobs.ErrFenced) {
		t.Errorf("after the end: %v", err)
	}
	files, err := other.Files(t.Context(), r.ID)
	if want := []jobs.File{{Name: "a list.csv", Size: int64(len(large))}, {Name: "b.txt", Size: 6}, {Name: "empty"}}; err != nil || !slices.Equal(files, want) {
		t.Errorf("%+v, %v", files, err)
	}
	for name, want := range map[string][]byte{"b.txt": []byte("second"), "a list.csv": large, "empty": {}} {
		if data, err := other.File(t.Context(), r.ID, name); err != nil || !bytes.Equal(data, want) {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(data), err, len(want))
		}
	}
	for _, at := range [][2]string{{r.ID, "c"}, {"nothing", "b.txt"}} {
		if _, err := other.File(t.Context(), at[0], at[1]); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("%q: %v", at, err)
		}
	}
	if n, err := s.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("purged %d, %v", n, err)
	}
	if _, err := other.File(t.Context(), r.ID, "b.txt"); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("it outlived its run: %v", err)
	}
}

package greenroom_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"greenroom/internal/arch"
	"greenroom/widgets/lang"
)

// speakers are the packages whose texts people read, by themselves or on a page that shows what they say.
var speakers = []string{"console", "http", "jobs", "sql", "widgets", "widgets/pages"}

// TestGermanIsComplete looks for every text of a template, and of a Go file that speaks to people, in the German catalogue; and in the catalogue for what
// nobody says any more.
func TestGermanIsComplete(t *testing.T) {
	t.Parallel()
	german, err := lang.German()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := arch.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	unsaid, err := tree.Unsaid("widgets/pages/templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range unsaid {
		t.Error(fault)
	}
	said := slices.Concat(tree.Texts(speakers, false), tree.Texts([]string{"widgets/pages"}, true))
	files, err := filepath.Glob("widgets/pages/templates/*.html")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range lang.Calls(string(source)) {
			said = append(said, arch.Text{Place: name, Text: text})
		}
	}
	if len(said) < 400 {
		t.Fatalf("only %d texts were found", len(said))
	}
	used := map[string]bool{}
	for _, one := range said {
		if used[one.Text] {
			continue
		}
		used[one.Text] = true
		if !german.Has(one.Text) && !slices.Contains(same, one.Text) {
			t.Errorf("%s: %q has no German: add it to widgets/lang/de.json", one.Place, one.Text)
		}
	}
}

// same are texts that are no words of a language, or nobody's on a page.
var same = []string{
	", those of the list %s", "own page", "job history", "tray of %s", "approvals of %s", "%s: %s, %s, asked for by %s", "started again", // the audit's, a declaration's, a key's
	"List.Columns", "List.Search", "List.Edit", "List.Filters", "Form.Fields", "Form.ReadOnly", "List.Cells", "Labels", "Form.Help", "Templates", "List.Sort", "Title", "Inf", "Form.Files", "Form.Fieldsets", "List.Open", "Nav", "every page", "the file", "Dry run: %s", "in line %s", "List.Own %s", "Computed %s: Of", "Computed %s: Sort", "with time zone",
	"%s has no foreign key to %s", "%s has no foreign key to %s that starts with the column %q",
	"%s refers to %s by %d foreign keys; say by which in Column, such as %q",
	// Parts of sentences, which the catalogue has whole.
	" (not one of the list)", "Added ", "Would add ", "%s were so already", "Moved to the trash: ", "Restored: ", "Deleted for good: ", "is not a whole number.", "is not a number.", "is neither yes nor no.", "is not a UUID.", "is not a date like 2026-01-31.", "is too long.",
}

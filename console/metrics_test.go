package console

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestTheDashboardNamesWhatThereIs compares docs/grafana.json with the metrics: no panel asks for what does not exist, and nothing is left out.
func TestTheDashboardNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	c, _ := desk(t)
	name := regexp.MustCompile(`greenroom_[a-z_]+`)
	var exist []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllStringSubmatch(string(c.Metrics()), -1) {
		exist = append(exist, m[1])
	}
	shown := map[string]bool{}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, m := range name.FindAllString(target.Expr, -1) {
				shown[m] = true
				if !slices.Contains(exist, m) {
					t.Errorf("panel %q asks for %s, which does not exist", p.Title, m)
				}
			}
		}
	}
	for _, m := range exist {
		if !shown[m] {
			t.Errorf("no panel shows %s", m)
		}
	}
	if len(exist) == 0 {
		t.Error("there are no metrics")
	}
}

package viewtest_test

import (
	"fmt"
	"testing"

	"greenroom/widgets/view/viewtest"
)

func Example() {
	page, err := viewtest.Parse(`<h2 _="t">Orders</h2><ul _="l"><li _="t class" data-key="1" class="open">one</li><li _="t class" data-key="2" class="open">two</li></ul>`)
	if err != nil {
		panic(err)
	}
	if err := page.Apply([]byte(`[0,"Orders & more",1,{"o":[1,1,"<li _=\"t class\" data-key=\"3\" class=\"new\">three</li>"],"r":[0,[0,"paid"]]}]`)); err != nil {
		panic(err)
	}
	fmt.Println(page.Text())
	fmt.Println(page.Plain())
	// Output:
	// Orders & more two three
	// <h2>Orders &amp; more</h2><ul><li class="paid" data-key="2">two</li><li class="new" data-key="3">three</li></ul>
}

// TestPageRejects what a browser would have to ask the server about.
func TestPageRejects(t *testing.T) {
	const live = `<p _="t class" class="a">x</p><ul _="l"><li _="t">1</li></ul>`
	for _, diff := range []string{`x`, `[`, `{}`, `[0]`, `[9,"x"]`, `[1,"x",0,"y"]`, `[0,0]`, `[1,{"o":[0,9]}]`, `[2,{"o":[0,1,0,1]}]`, `[2,{"o":[0]}]`, `[2,{"o":["text"]}]`, `[2,{"r":[7,[]]}]`, `[2,{"z":1}]`, `[2,{"e":[],"o":[]}]`} {
		page, err := viewtest.Parse(live)
		if err != nil {
			t.Fatal(err)
		}
		if err := page.Apply([]byte(diff)); err == nil {
			t.Errorf("%s fits", diff)
		}
	}
}

package view_test

import (
	"fmt"
	"html/template"

	"greenroom/widgets/view"
	"greenroom/widgets/view/viewtest"
)

type cart struct {
	Owner string
	Items []entry
}

type entry struct {
	ID    int
	Name  string
	Count int
}

const cartTemplate = `<h2>{{.Owner}}</h2><ul>{{range .Items}}<li data-key="{{.ID}}">{{.Count}} × {{.Name}}</li>{{end}}</ul>`

func ExampleCompile() {
	c, err := view.Compile(template.Must(template.New("cart").Parse(`<p style="width:{{.}}px">`)))
	fmt.Println(c, err)
	// Output: <nil> view: template "cart": cart:1: a style attribute with an action in it is ignored by browsers under the page's security policy; use a class, <progress value>, or an SVG attribute (width, fill)
}

func ExampleTemplate_Render() {
	c, err := view.Compile(template.Must(template.New("cart").Parse(cartTemplate)))
	if err != nil {
		panic(err)
	}
	tree, err := c.Render(cart{Owner: "Ann & Bob", Items: []entry{{7, "apple", 2}}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n%s\n", tree.AppendHTML(nil), tree.AppendLive(nil))
	// Output:
	// <h2>Ann &amp; Bob</h2><ul><li data-key="7">2 × apple</li></ul>
	// <h2 _="t">Ann &amp; Bob</h2><ul _="l"><li _="t" data-key="7">2 × apple</li></ul>
}

func ExampleAppendDiff() {
	c, err := view.Compile(template.Must(template.New("cart").Parse(cartTemplate)))
	if err != nil {
		panic(err)
	}
	before, err := c.Render(cart{Owner: "Ann", Items: []entry{{7, "apple", 2}, {8, "pear", 1}}})
	if err != nil {
		panic(err)
	}
	after, err := c.Render(cart{Owner: "Ann", Items: []entry{{9, "plum", 5}, {7, "apple", 3}, {8, "pear", 1}}})
	if err != nil {
		panic(err)
	}
	diff, change := view.AppendDiff(nil, before, after)
	fmt.Println(change, string(diff))

	page, err := viewtest.Parse(string(before.AppendLive(nil)))
	if err != nil {
		panic(err)
	}
	if err := page.Apply(diff); err != nil {
		panic(err)
	}
	fmt.Println(page.Text())
	// Output:
	// patched [1,{"o":["<li _=\"t\" data-key=\"9\">5 × plum</li>",0,2],"r":[1,[0,"3 × apple"]]}]
	// Ann 5 × plum 3 × apple 1 × pear
}

func ExampleTemplate_Notes() {
	c, err := view.Compile(template.Must(template.New("note").Parse("<div>\n<h{{.Level}}>{{.Title}}</h{{.Level}}></div>")))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Notes())
	// Output: [note:2: an action in the name of an element: all that is in <div> is replaced when something in it changes]
}

func ExampleAppendString() {
	fmt.Printf("%s\n", view.AppendString(nil, "say \"hi\"\n\xff"))
	// Output: "say \"hi\"\n�"
}

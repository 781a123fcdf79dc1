package seed

import "strings"

// name is a part of a person's name and how an e-mail address spells it.
type name struct{ text, ascii string }

// names reads a list of names: each alone where an address spells it the same, else name=address.
func names(list string) []name {
	var all []name
	for entry := range strings.SplitSeq(list, ",") {
		text, ascii, differs := strings.Cut(strings.TrimSpace(entry), "=")
		if !differs {
			ascii = strings.ToLower(text)
		}
		all = append(all, name{text, ascii})
	}
	return all
}

var firstNames = names(`
	Ada, Aisha, Aleksandra, Ana, André=andre, Anaïs=anais, Anton, Åsa=asa, Beatriz, Ben, Björn=bjoern, Carla, Chiara, Chloé=chloe,
	Ciarán=ciaran, Clara, Daan, Dimitra, Đorđe=djordje, Edith, Elif, Émile=emile, Emma, Enrique, Erik, Farah, Fatima, Finn,
	Françoise=francoise, Freya, Gökhan=goekhan, Grace, Gustav, Hanna, Haruki, Hélène=helene, Hugo, Ibrahim, Ingrid, Isla,
	Iván=ivan, Jan, Jana, Jérôme=jerome, Joana, Jörg=joerg, Jürgen=juergen, Kaito, Karolína=karolina, Käthe=kaethe, Kwame, Lars,
	Léa=lea, Leon, Linh, Lucía=lucia, Łukasz=lukasz, Maeve, Magnus, Mara, María José=maria.jose, Mateo, Maximilian, Mei, Mia,
	Mihai, Nadia, Naoko, Niamh, Noah, Núria=nuria, Oleksandr, Olivia, Oskar, Paulo, Petra, Priya, Rafael, Ravi, René=rene, Rosa,
	Ruth, Samuel, Şebnem=sebnem, Siobhán=siobhan, Sofia, Søren=soeren, Tariq, Théo=theo, Tomás=tomas, Ulla, Ümit=uemit, Valentina,
	Viktor, Wei, Yara, Yusuf, Zeynep, Zoë=zoe, Zuzana`)

var lastNames = names(`
	Abebe, Ahmadi, Almeida, Andersson, Bakker, Barbieri, Bauer, Bélanger=belanger, Bianchi, Błaszczyk=blaszczyk, Brown,
	Çelik=celik, Chen, Clarke, Cohen, D'Angelo=dangelo, Da Silva=dasilva, De Vries=devries, Dubois, Dvořák=dvorak, Eriksen,
	Fernández=fernandez, Fischer, Fitzgerald, García-Márquez=garcia-marquez, Großmann=grossmann, Grünwald=gruenwald, Gupta,
	Hernández=hernandez, Hoffmann, Horváth=horvath, Hughes, Ibáñez=ibanez, Ivanova, Jansen, Jönsson=joensson,
	Jørgensen=joergensen, Kaya, Khan, Kim, Köhler=koehler, Kovács=kovacs, Kowalska, Krüger=krueger, Laurent, Lefèvre=lefevre,
	Lindqvist, López=lopez, Mäkinen=maekinen, Marino, Martin, McAllister, Mensah, Meyer, Moreau, Müller=mueller, Nagy, Nakamura,
	Nguyễn=nguyen, Nielsen, Novák=novak, Núñez=nunez, O'Brien=obrien, O'Neill=oneill, Okafor, Olsen, Özdemir=oezdemir,
	Papadopoulou, Patel, Peña=pena, Petrov, Popescu, Quist, Ramírez=ramirez, Rossi, Roux, Santos, Sato, Schäfer=schaefer, Schmidt,
	Ševčík=sevcik, Singh, Smith, St. John=stjohn, Strauß=strauss, Suzuki, Tanaka, Thórsdóttir=thorsdottir, Torres,
	Van den Berg=vandenberg, Vasquez, Virtanen, Wagner, Walsh, Weiß=weiss, Williams, Wójcik=wojcik, Yılmaz=yilmaz, Zhang,
	Zimmermann`)

// place is where customers live; the currency is what their orders are paid in.
type place struct {
	country, dial, currency string
	cities                  []string
}

// Countries that stand twice are twice as likely.
var places = []place{
	{"DE", "+49", "EUR", []string{"Berlin", "Hamburg", "München", "Köln", "Leipzig", "Göttingen", "Tübingen"}},
	{"DE", "+49", "EUR", []string{"Bremen", "Dresden", "Düsseldorf", "Freiburg", "Nürnberg", "Rostock"}},
	{"AT", "+43", "EUR", []string{"Wien", "Graz", "Linz", "Sankt Pölten"}},
	{"CH", "+41", "CHF", []string{"Zürich", "Genève", "Bern", "Neuchâtel"}},
	{"FR", "+33", "EUR", []string{"Paris", "Lyon", "Nîmes", "Besançon", "L'Haÿ-les-Roses"}},
	{"ES", "+34", "EUR", []string{"Madrid", "A Coruña", "Málaga", "València"}},
	{"IT", "+39", "EUR", []string{"Milano", "Roma", "Torino", "L'Aquila", "Forlì"}},
	{"NL", "+31", "EUR", []string{"Amsterdam", "'s-Hertogenbosch", "Utrecht", "Groningen"}},
	{"SE", "+46", "EUR", []string{"Stockholm", "Göteborg", "Malmö", "Umeå"}},
	{"DK", "+45", "EUR", []string{"København", "Aarhus", "Odense", "Tønder"}},
	{"PL", "+48", "EUR", []string{"Kraków", "Łódź", "Warszawa", "Gdańsk"}},
	{"CZ", "+420", "EUR", []string{"Praha", "Brno", "Plzeň"}},
	{"IE", "+353", "EUR", []string{"Dublin", "Cork", "Dún Laoghaire"}},
	{"GB", "+44", "GBP", []string{"London", "Leeds", "Cardiff", "King's Lynn", "Edinburgh"}},
	{"GB", "+44", "GBP", []string{"Bristol", "Manchester", "Glasgow", "Norwich"}},
	{"US", "+1", "USD", []string{"Portland", "Austin", "Coeur d'Alene", "Saint Paul", "Boise"}},
	{"US", "+1", "USD", []string{"Chicago", "Tucson", "Madison", "Savannah", "Providence"}},
	{"JP", "+81", "USD", []string{"Tōkyō", "Kyōto", "札幌"}},
}

var (
	qualities = []string{
		"Plain", "Foldable", "Small", "Large", "Quiet", "Striped", "Handmade", "Sturdy", "Round", "Slim", "Café", "Rosé",
		"Everyday", "Nordic", "Weekend", "Rainproof",
	}
	materials = []string{
		"oak", "walnut", "linen", "steel", "wool", "cork", "glass", "stoneware", "cotton", "brass", "beech", "enamel", "felt", "bamboo",
	}
)

// ware is a kind of product: what it is called, where it stands, what it costs about.
type ware struct {
	noun, category string
	cents          int
}

var wares = []ware{
	{"desk lamp", "lighting", 5400},
	{"floor lamp", "lighting", 12900},
	{"lantern", "lighting", 2900},
	{"night light", "lighting", 1900},
	{"pen tray", "desk", 1500},
	{"book end", "desk", 2200},
	{"monitor stand", "desk", 6900},
	{"writing desk", "desk", 34900},
	{"stool", "desk", 7900},
	{"teapot", "kitchen", 3900},
	{"salad bowl", "kitchen", 2700},
	{"bread board", "kitchen", 2400},
	{"coffee mill", "kitchen", 6200},
	{"crème dish", "kitchen", 900},
	{"soup pan", "kitchen", 5900},
	{"watering can", "garden", 3100},
	{"flower pot", "garden", 1200},
	{"bird house", "garden", 2600},
	{"bench", "garden", 18900},
	{"hand rake", "garden", 1700},
	{"blanket", "textiles", 6400},
	{"tea towel", "textiles", 800},
	{"cushion", "textiles", 2300},
	{"apron", "textiles", 3300},
	{"spinning top", "toys", 700},
	{"train set", "toys", 4900},
	{"puzzle", "toys", 1800},
	{"kite", "toys", 2100},
}

var shortNotes = []string{
	"Please ring twice.",
	"Leave it with the neighbour, please.",
	"Gift: no invoice in the parcel.",
	"Deliver after 17:00.",
	"Customer asked for paper instead of plastic filling.",
	"Second try; the first parcel came back.",
	"Name on the door: \"Müller & Töchter\".",
	"Invoice to the company address, goods to the private one.",
	"Called: wants to know when it ships.",
	"Don't stack; fragile.",
	"Pays by bank transfer, usually late <3 days.",
	"Regular customer — add a postcard 🌿",
}

var longNote = "The customer wrote at length, and it is kept here as it came. The first parcel arrived with a dent on one side; nothing in it " +
	"was broken, but the box can no longer be used as the gift it was meant to be. They would like a new box without having to send the old " +
	"one back, and offered a photo.\n\nOn the phone they also asked whether the next order can be held back until all of it is in stock, " +
	"since two deliveries in one week are hard to receive. Agreed; see the comment of the day after.\n\nThe address has changed since: the " +
	"house number is 12a, not 12, and the name on the bell is the landlord's. If nobody answers, the bakery at the corner takes parcels " +
	"until six. They are friendly there, but they close on Mondays."

var actors = []string{"anna", "bilal", "chen", "dörte", "ewa"}

var comments = []string{
	"Asked the carrier for a new date.", "Customer called, all is well.", "Address corrected.", "Waiting for the lamp glass.",
	"Checked the payment by hand.", "Photo of the damage is in the mail.",
}

// Package seed fills an empty SQLite database with a shop that looks lived in: customers, products, orders with their lines, and what
// happened to each order.
//
//	customers ◄── orders ◄── order_lines ──► products
//	                 ▲
//	                 └────── order_activity
//
// The same Options give the same rows, byte for byte, on every machine. Some orders are there for whoever tests a search: every thousandth
// has the word "needle" in its note. The package opens nothing and sets no pragma; the caller brings a *sql.DB and keeps it.
package seed

CREATE TABLE customers (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    email VARCHAR(40) UNIQUE,
    city  TEXT
);
CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    status      TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'sent')),
    total       NUMERIC(10, 2) NOT NULL CONSTRAINT total_positive CHECK (total >= 0),
    note        TEXT,
    placed      DATETIME,
    paid        BOOLEAN NOT NULL DEFAULT 0
);
CREATE INDEX orders_placed ON orders (placed, id);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line     INTEGER NOT NULL,
    product  TEXT NOT NULL,
    qty      INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, line)
);
CREATE TABLE returns (
    id       INTEGER PRIMARY KEY,
    order_id INTEGER,
    line     INTEGER,
    reason   TEXT,
    FOREIGN KEY (order_id, line) REFERENCES order_lines (order_id, line)
);
CREATE INDEX returns_line ON returns (order_id, line);
CREATE TABLE countries (
    code  VARCHAR(2) PRIMARY KEY NOT NULL,
    label TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE rates (
    rate  NUMERIC(10, 2) PRIMARY KEY NOT NULL,
    label TEXT NOT NULL
);
CREATE TABLE log (at DATETIME, line TEXT);
CREATE TABLE mixed (
    id INTEGER PRIMARY KEY,
    a  INTEGER,
    b  TEXT,
    c  REAL,
    d  TEXT NOT NULL
);
CREATE INDEX mixed_a ON mixed (a);
CREATE INDEX mixed_b ON mixed (b, c);
CREATE TABLE everything (
    id     INTEGER PRIMARY KEY,
    i      BIGINT,
    n      NUMERIC(20, 4),
    f      DOUBLE PRECISION,
    t      TEXT,
    v      VARCHAR(5),
    yes    BOOLEAN,
    day    DATE,
    moment DATETIME,
    clock  TIME,
    doc    JSON,
    u      UUID,
    raw    BLOB,
    half   BIGINT GENERATED ALWAYS AS (i / 2) STORED
);
CREATE TABLE "or""der ?s; DROP" (
    "id?"            INTEGER PRIMARY KEY,
    "select"         TEXT,
    "naïve ""name"", ?" TEXT NOT NULL,
    "%_!'"           TEXT
);
CREATE VIEW paid_orders AS SELECT id, total FROM orders WHERE paid = 1;

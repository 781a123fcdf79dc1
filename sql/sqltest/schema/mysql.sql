CREATE TABLE customers (
    id    BIGINT AUTO_INCREMENT PRIMARY KEY,
    name  TEXT NOT NULL,
    email VARCHAR(40) UNIQUE,
    city  TEXT
);
CREATE TABLE orders (
    id          BIGINT AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    status      VARCHAR(10) NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'sent')),
    total       NUMERIC(10, 2) NOT NULL,
    note        TEXT,
    placed      DATETIME,
    paid        BOOLEAN NOT NULL DEFAULT 0,
    CONSTRAINT total_positive CHECK (total >= 0)
);
CREATE INDEX orders_placed ON orders (placed, id);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE order_lines (
    order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line     BIGINT NOT NULL,
    product  TEXT NOT NULL,
    qty      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, line)
);
CREATE TABLE returns (
    id       BIGINT AUTO_INCREMENT PRIMARY KEY,
    order_id BIGINT,
    line     BIGINT,
    reason   TEXT,
    FOREIGN KEY (order_id, line) REFERENCES order_lines (order_id, line)
);
CREATE INDEX returns_line ON returns (order_id, line);
CREATE TABLE countries (
    code  VARCHAR(2) PRIMARY KEY NOT NULL,
    label TEXT NOT NULL
);
CREATE TABLE rates (
    rate  NUMERIC(10, 2) PRIMARY KEY NOT NULL,
    label TEXT NOT NULL
);
CREATE TABLE log (at DATETIME, line TEXT);
CREATE TABLE mixed (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    a  BIGINT,
    b  VARCHAR(50),
    c  DOUBLE,
    d  TEXT NOT NULL
);
CREATE INDEX mixed_a ON mixed (a);
CREATE INDEX mixed_b ON mixed (b, c);
CREATE TABLE everything (
    id     BIGINT AUTO_INCREMENT PRIMARY KEY,
    i      BIGINT,
    n      NUMERIC(20, 4),
    f      DOUBLE PRECISION,
    t      TEXT,
    v      VARCHAR(5),
    yes    BOOLEAN,
    day    DATE,
    moment DATETIME(6),
    clock  TIME(6),
    doc    JSON,
    u      UUID,
    raw    LONGBLOB,
    half   BIGINT GENERATED ALWAYS AS (i DIV 2) STORED
);
CREATE TABLE `or"der ?s; DROP` (
    `id?`            BIGINT AUTO_INCREMENT PRIMARY KEY,
    `select`         TEXT,
    `naïve "name", ?` TEXT NOT NULL,
    `%_!'`           TEXT
);
CREATE VIEW paid_orders AS SELECT id, total FROM orders WHERE paid = 1;

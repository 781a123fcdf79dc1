CREATE TABLE customers (
    id         INTEGER PRIMARY KEY,
    name       VARCHAR(120) NOT NULL,
    email      VARCHAR(160) NOT NULL UNIQUE,
    phone      VARCHAR(32),
    country    CHAR(2)      NOT NULL,
    city       VARCHAR(80)  NOT NULL,
    newsletter BOOLEAN      NOT NULL DEFAULT 0 CHECK (newsletter IN (0, 1)),
    birthday   DATE,
    created_at DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE products (
    id          INTEGER PRIMARY KEY,
    sku         VARCHAR(16)  NOT NULL UNIQUE,
    name        VARCHAR(120) NOT NULL,
    category    VARCHAR(20)  NOT NULL CHECK (category IN ('desk', 'kitchen', 'garden', 'lighting', 'textiles', 'toys')),
    price_cents INTEGER      NOT NULL CHECK (price_cents > 0),
    weight_kg   DECIMAL(6,2),
    stock       INTEGER      NOT NULL DEFAULT 0 CHECK (stock >= 0),
    active      BOOLEAN      NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    description TEXT
);

CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    number      VARCHAR(16) NOT NULL UNIQUE,
    customer_id INTEGER     NOT NULL REFERENCES customers (id),
    status      VARCHAR(10) NOT NULL DEFAULT 'new'
                CHECK (status IN ('new', 'paid', 'packed', 'shipped', 'refunded', 'cancelled')),
    -- The books are kept in euro, whatever the customer pays in.
    total_cents INTEGER     NOT NULL CHECK (total_cents >= 0),
    currency    CHAR(3)     NOT NULL DEFAULT 'EUR' CHECK (currency IN ('EUR', 'USD', 'GBP', 'CHF')),
    created_at  DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    shipped_at  DATETIME,
    note        TEXT
);

CREATE TABLE order_lines (
    order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL CHECK (position > 0),
    product_id  INTEGER NOT NULL REFERENCES products (id),
    quantity    INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 999),
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    PRIMARY KEY (order_id, position)
) WITHOUT ROWID;

CREATE TABLE order_activity (
    id       INTEGER PRIMARY KEY,
    order_id INTEGER     NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    at       DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    kind     VARCHAR(10) NOT NULL CHECK (kind IN ('placed', 'paid', 'packed', 'shipped', 'refunded', 'cancelled', 'comment')),
    actor    VARCHAR(40) NOT NULL,
    message  VARCHAR(200)
);

-- Made after the rows: filling an index in order is several times faster than keeping it up to date.
CREATE INDEX customers_name ON customers (name, id);
CREATE INDEX customers_created_at ON customers (created_at, id);
CREATE INDEX products_name ON products (name, id);
CREATE INDEX products_category ON products (category, name, id);
CREATE INDEX orders_created_at ON orders (created_at, id, total_cents); -- revenue of a span of time without reading the rows
CREATE INDEX orders_status ON orders (status, created_at, id);
CREATE INDEX orders_customer ON orders (customer_id, created_at, id);
CREATE INDEX orders_total ON orders (total_cents, id);
CREATE INDEX order_lines_product ON order_lines (product_id);
CREATE INDEX order_activity_order ON order_activity (order_id, at, id);
CREATE INDEX order_activity_at ON order_activity (at, id);

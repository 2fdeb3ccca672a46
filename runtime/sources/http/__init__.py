"""`http(s)://`: cameras, videos and streams behind a web server, asked by a request of our own."""

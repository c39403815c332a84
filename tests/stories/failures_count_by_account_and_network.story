# One throttle counts failures for the account, wherever they come from, and for the network, whomever they are about
proves: S12

workspace "Rocket Agency" owned by owner@example.com served with --trusted-proxies 127.0.0.1

# Five from one network and five from another are the ten that an account has.
5 times at once nobody POST /v1/auth/login => 5 of 401
  with X-Forwarded-For: 192.0.2.1
  {"email": "owner@example.com", "password": "wrong wrong wrong"}
5 times at once nobody POST /v1/auth/login => 5 of 401
  with X-Forwarded-For: 198.51.100.7
  {"email": "OWNER@example.com", "password": "wrong wrong wrong"}
nobody POST /v1/auth/login
  with X-Forwarded-For: 203.0.113.9
  {"email": "owner@example.com", "password": "wrong wrong wrong"}
=> 429
  code = "too_many_attempts"
# Every door of the account is that account's.
nobody POST /v1/auth/password/forgot
  with X-Forwarded-For: 203.0.113.9
  {"email": "owner@example.com"}
=> 429
nobody POST /v1/auth/login
  with X-Forwarded-For: 203.0.113.9
  {"email": "other@example.com", "password": "wrong wrong wrong"}
=> 401

# A network of IPv6 is its first 64 bits, whoever in it asks.
25 times at once nobody POST /v1/invites/accept => 25 of 404
  with X-Forwarded-For: 2001:db8:1:2::1
  {"token": "x", "password": "a ladder of wet moss"}
25 times at once nobody POST /v1/invites/accept => 25 of 404
  with X-Forwarded-For: 2001:db8:1:2:ffff::9
  {"token": "x", "password": "a ladder of wet moss"}
nobody POST /v1/auth/login
  with X-Forwarded-For: 2001:db8:1:2:1234::5
  {"email": "third@example.com", "password": "wrong wrong wrong"}
=> 429
nobody POST /v1/auth/login
  with X-Forwarded-For: 2001:db8:1:3::1
  {"email": "third@example.com", "password": "wrong wrong wrong"}
=> 401

# A success forgets the account's failures.
clock + 1 minute
nobody POST {sign_in}
  with X-Forwarded-For: 203.0.113.9
  password=the ladder of the owner
=> 303
10 times at once nobody POST /v1/auth/login => 10 of 401
  with X-Forwarded-For: 203.0.113.10
  {"email": "owner@example.com", "password": "wrong wrong wrong"}

# After ten failures an account waits, known or unknown
proves: S12

workspace "Rocket Agency" owned by owner@example.com

12 times at once nobody POST /v1/auth/login => 10 of 401, 2 of 429
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
nobody POST /v1/auth/login
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
=> 429
  header Retry-After as pause
  code = "too_many_attempts"
clock + 1 hour
nobody POST /v1/auth/login
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
=> 401

# After ten failures an account waits, known or unknown
proves: S12

workspace "Rocket Agency" owned by owner@example.com

12 times at once nobody POST /v1/auth/login => 12 of 401
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
nobody POST /v1/auth/login
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
=> 429
  header Retry-After ~ 
  code = "too_many_attempts"
clock + 1 hour
nobody POST /v1/auth/login
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
=> 401

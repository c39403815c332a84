# A session ends after its life, however it is used
proves: S11

workspace "Rocket Agency" owned by owner@example.com served with --session-idle-minutes 600 --session-hours 3

owner POST {sign_in}
  password=the ladder of the owner
=> 303
  header Set-Cookie ~ Max-Age=10800
clock + 179 minutes
owner GET /v1/me
=> 200
clock + 2 minutes
owner GET /v1/me
=> 401

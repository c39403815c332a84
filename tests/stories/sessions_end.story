# Sessions are listed and ended one by one, and end by themselves without use
proves: S11

workspace "Rocket Agency" owned by owner@example.com served with --session-idle-minutes 60 --session-hours 3

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
  header Set-Cookie ~ Max-Age=10800
phone POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 200
owner POST {sign_in}
  password=the ladder of the owner
=> 303
owner GET /v1/sessions
=> 200
  data has 1 entry
  data.0.id as foreign

ann GET /v1/sessions
=> 200
  data has 2 entries
  data.0.object = "session"
  data.0.isCurrent = false
  data.1.isCurrent = true
  data.0.id as of_phone
  data.0.address = "127.0.0.1"

# Another person's is not there, and says so like one that never was.
ann DELETE /v1/sessions/{foreign}
=> 404
  all as missing
ann DELETE /v1/sessions/01900000-0000-7000-8000-000000000000
=> 404
  all = {missing}
owner GET /v1/me
=> 200
ann DELETE /v1/sessions/{of_phone}
=> 200
  deleted = true
phone GET /v1/me
=> 401
ann DELETE /v1/sessions/{of_phone}
=> 404
api GET /v1/sessions
=> 403

# Without use they end after an hour, and no link that was used brings them back.
clock + 59 minutes
owner GET /v1/me
=> 200
clock + 2 minutes
ann GET /v1/me
=> 401
ann GET /
=> 303
  header Location = /sign-in
ann GET {invite}
=> 410
ann POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 200

# Whoever is archived is out at once.
ann GET /v1/me
=> 200
api DELETE /v1/clients/{ann}
=> 200
ann GET /v1/me
=> 401
ann POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 401

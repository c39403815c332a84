# The owner signs in by the one-time link of init
proves: S7, S11

workspace "Rocket Agency" owned by owner@example.com

nobody GET {sign_in}
=> 200
  page has "Choose a password"
owner POST {sign_in}
  password=twelve green bottles
=> 303
owner GET /v1/me
=> 200
  kind = "internalUser"
  internalUser.email = "owner@example.com"
owner GET /
=> 200
  page has "signed in as staff"
nobody POST {sign_in}
  password=twelve green bottles
=> 410
restart
owner GET /v1/me
=> 200
foyer check --data DATA

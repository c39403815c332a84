# Whoever tries links that were never given out waits, at every door; whoever has a good one comes in
proves: S7, S12

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as invite

# Fifty are free for an address; the next must wait, by page and by JSON, for invitations and resets.
49 times at once nobody POST /v1/invites/accept => 49 of 404
  {"token": "AaIgWxPwd76kic2dUh1YuAqE11fWH7M1PIRizfistFQUOeP3rcnXZjmqtfvABfnU", "password": "a ladder of wet moss"}
nobody POST /invite/AaIgWxPwd76kic2dUh1YuAqE11fWH7M1PIRizfistFQUOeP3rcnXZjmqtfvABfnU
  password=a ladder of wet moss
=> 404
  page has "This link is not complete"
nobody POST /v1/invites/accept
  {"token": "x", "password": "a ladder of wet moss"}
=> 429
  code = "too_many_attempts"
  header Retry-After = 1
nobody POST /v1/invites/renew
  {"token": "x"}
=> 429
nobody POST /v1/auth/password/reset
  {"token": "x", "password": "a ladder of wet moss"}
=> 429
nobody POST /reset/AaIgWxPwd76kic2dUh1YuAqE11fWH7M1PIRizfistFQUOeP3rcnXZjmqtfvABfnU
  password=a ladder of wet moss
=> 429
  header Retry-After = 1
nobody POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 429

# Nothing was used up, and looking costs nothing.
nobody GET {invite}
=> 200
clock + 1 hour
ann POST {invite}
  password=a ladder of wet moss
=> 303

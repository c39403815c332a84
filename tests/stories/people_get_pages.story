# People are answered by pages, also where something is wrong, and find their way from there
proves: S6, S7, S14

workspace "Rocket Agency" owned by owner@example.com

# An address that is none: a page for browsers, a problem for programs.
nobody GET /nowhere
  with Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8
=> 404
  header Content-Type ~ text/html
  page has "Rocket Agency"
  page has "There is no such page"
nobody GET /nowhere
=> 404
  header Content-Type = application/problem+json
nobody GET /v1/nowhere
  with Accept: text/html
=> 404
  code = "not_found"
nobody GET /sign-out
  with Accept: text/html
=> 405
  page has "There is no such page"

# A link that was never given out looks like the portal, and says what to do.
nobody GET /invite/AaIgWxPwd76kic2dUh1YuAqE11fWH7M1PIRizfistFQUOeP3rcnXZjmqtfvABfnU
=> 404
  page has "Rocket Agency"
  page has "This link is not complete"

# Whoever came in by a link comes back by it; for everybody else it is used.
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
ann GET {invite}
=> 303
  header Location = /
bob GET {invite}
=> 410
  page has "This link was used already"

# A portal that is none of this server's.
nobody POST /sign-in
  workspaceId=zzz
  email=ann@example.com
  password=a ladder of wet moss
=> 404
  page has "There is no such portal here."

# Who must wait is told how long.
12 times at once nobody POST /v1/auth/login => 10 of 401, 2 of 429
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
nobody POST /sign-in
  email=nobody@example.com
  password=wrong wrong wrong
=> 429
  header Retry-After = 1
  page has "Wait a moment"

# A link to a new password lives an hour, opens once, does not sign in, and dies with the next one that is used
proves: S7, S11

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303

nobody POST /forgot
  email=ANN@example.com
=> 200
  page has "Look into your mailbox"
mail to ann@example.com
  link as first
clock + 61 minutes
nobody GET {first}
=> 410
  page has "This link has expired"
bob POST {first}
  password=a second ladder of moss
=> 410
  header Set-Cookie is absent

nobody POST /forgot
  email=ann@example.com
=> 200
mail to ann@example.com
  link as second
nobody POST /forgot
  email=ann@example.com
=> 200
mail to ann@example.com
  link as third
clock + 59 minutes
nobody HEAD {third}
=> 200
nobody GET {third}
=> 200
  page has "Choose a password"
nobody POST {third}
  password=ann@example.com
=> 422
bob POST {third}
  password=a second ladder of moss
=> 200
  header Set-Cookie is absent
  page has "Your password is set"
bob GET /v1/me
=> 401
nobody GET {second}
=> 410
  page has "This link was withdrawn"
nobody GET {third}
=> 410
  page has "This link was used already"
bob POST /sign-in
  email=ann@example.com
  password=a second ladder of moss
=> 303

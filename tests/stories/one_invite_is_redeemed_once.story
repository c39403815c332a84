# One invite is redeemed once, also under 50 parallel tries
proves: S7

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as invite
50 times at once nobody POST {invite} => 1 of 303, 49 of 410
  password=a ladder of wet moss

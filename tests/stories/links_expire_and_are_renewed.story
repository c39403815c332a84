# An expired link asks for a fresh one, sent to the invited address alone
proves: S4, S6, S7

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
api POST /v1/invites
  {"clientIds": ["{ann}"], "expiresInDays": 3}
=> 200
mail to ann@example.com
  link as invite
clock + 4 days
nobody GET {invite}
=> 410
  page has "expired"
  page has "Send me a fresh link"
nobody POST {invite}
  password=a ladder of wet moss
=> 410
nobody POST {invite}/renew
=> 200
  page has "A fresh link is on its way"
mail to ann@example.com
  link as fresh
ann POST {fresh}
  password=a ladder of wet moss
=> 303
nobody POST /v1/invites/renew
  {"token": "nonsense"}
=> 202
no more mail to ann@example.com

# A copied link signs in as well; the mailed link of the same invite is used up with it
proves: S5, S7, S9

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
api POST /v1/invites
  {"clientIds": ["{ann}"]}
=> 200
  data.0.invite.id as invite_id
mail to ann@example.com
  link as mailed
api GET /v1/invites/{invite_id}/link
=> 200
  url as url
api GET /v1/clients/{ann}
=> 200
  inviteUrl = "{url}"

ann POST /v1/invites/accept
  {"token": "{url}", "password": "a ladder of wet moss"}
=> 404
ann POST {url}
  password=a ladder of wet moss
=> 303
ann GET /v1/me
=> 200
  client.id = "{ann}"
nobody GET {mailed}
=> 410
  page has "used already"

nobody POST /v1/auth/password/forgot
  {"email": "ann@example.com"}
=> 202
mail to ann@example.com
  link as reset
nobody POST {reset}
  password=a second ladder of moss
=> 200
ann POST /v1/auth/login
  {"email": "ann@example.com", "password": "a second ladder of moss"}
=> 200

# A copied link changes no status, and sets a password for this workspace
proves: S1, S5, S9

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  inviteUrl as url
  id as ann
mail to ann@example.com
  link as mailed
api GET /v1/invites?clientId={ann} until "delivery":"sent"
=> 200
  data has 1 entry
  data.0.delivery = "sent"
  data.0.id as invite
api GET /v1/invites/{invite}/link
=> 200
  url = "{url}"
nobody POST /v1/invites/accept
  {"token": "forged", "password": "a ladder of wet moss"}
=> 404
  code = "token_unknown"

# A link is copied, resent, cancelled; none of it kills a good one but cancelling
proves: S1, S3, S4, S5

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
api POST /v1/invites
  {"clientIds": []}
=> 400
  errors.0.message = "Name whom to invite, by clientIds or internalUserIds."
api POST /v1/invites
  {"clientIds": ["{ann}"], "message": "We <b>look</b> forward to you."}
=> 200
  data.0.ok = true
  data.0.invite.status = "pending"
  data.0.invite.id as invite_id
mail to ann@example.com
  text ~ We <b>look</b> forward to you.
  html ~ &lt;b&gt;look&lt;/b&gt;
  link as first
api GET /v1/clients/{ann}
=> 200
  status = "invited"

api GET /v1/invites/{invite_id}/link
=> 200
  url ~ /invite/
api POST /v1/invites/{invite_id}/resend
=> 200
mail to ann@example.com
  text ~ We <b>look</b> forward to you.
  link as again
api POST /v1/invites/{invite_id}/resend
  {"message": "It is still open.", "expiresInDays": 30}
=> 200
  message = "It is still open."
  expiresAt as until
mail to ann@example.com
  text ~ It is still open.
  text !~ forward to you
  link as third
api POST /v1/invites/{invite_id}/resend
  {"message": ""}
=> 200
  message = null
  expiresAt = "{until}"
mail to ann@example.com
  text !~ still open
api POST /v1/invites/{invite_id}/resend
  {"email": "eve@example.com", "message": 5, "expiresInDays": 0}
=> 400
  errors has 3 entries
no more mail to ann@example.com
nobody GET {third}
=> 200
nobody GET {first}
=> 200
  page has "Welcome"

api POST /v1/invites/{invite_id}/cancel
  {"message": "Sorry."}
=> 400
  errors.0.field = "message"
api POST /v1/invites/{invite_id}/cancel
=> 200
  status = "cancelled"
nobody GET {first}
=> 410
  page has "withdrawn"
nobody GET {again}
=> 410
api POST /v1/invites/{invite_id}/cancel
=> 409
  code = "invite_closed"
nobody POST {first}
  password=a ladder of wet moss
=> 410

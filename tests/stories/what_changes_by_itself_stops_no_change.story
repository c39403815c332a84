# If-Match protects what people change, not a link that comes and goes or the last activity
proves: P1

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
mail to ann@example.com
  link as mailed
api GET /v1/clients/{ann}
=> 200
  inviteUrl != null
  header ETag as etag
api GET /v1/clients/{ann}
  with If-None-Match: {etag}
=> 304
api GET /v1/invites?clientId={ann}
=> 200
  data.0.id as invite
api POST /v1/invites/{invite}/cancel
=> 200

# The answer is another one, and what If-Match is about is the same.
api GET /v1/clients/{ann}
  with If-None-Match: {etag}
=> 200
  inviteUrl = null
  header ETag as newer
api GET /v1/clients/{ann}
  with If-Match: {etag}
=> 200
api PATCH /v1/clients/{ann}
  {"position": "CEO"}
  with If-Match: {etag}
=> 200
api PATCH /v1/clients/{ann}
  {"position": "Chair"}
  with If-Match: {newer}
=> 412
  code = "precondition_failed"

# A change that is to make something new is refused where something is.
api PUT /v1/clients/{ann}
  {"givenName": "Ann", "familyName": "Lee"}
  with If-None-Match: *
=> 412
api GET /v1/clients/{ann}
=> 200
  position = "CEO"
  header ETag as etag
api DELETE /v1/clients/{ann}
  with If-None-Match: "another", W/{etag}
=> 412
api DELETE /v1/clients/{ann}
  with If-None-Match: "another"
=> 200

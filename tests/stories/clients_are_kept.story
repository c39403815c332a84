# A client is created, read, changed, cleared, archived
proves: P1, P2, P3, P5, P7

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "phone": "+1 555 0100", "tags": ["vip"]}
=> 200
  status = "notInvited"
  companyIds has 1 entry
  phone = "+1 555 0100"
  id as ann
no more mail to ann@example.com

api POST /v1/clients
  {"givenName": "Other", "familyName": "Ann", "email": "ANN@example.COM"}
=> 409
  errors.0.code = "email_taken"
  errors.0.field = "email"

api POST /v1/clients
  {"givenName": 5, "email": "nobody", "surname": "x"}
=> 400
  errors has 4 entries

api PATCH /v1/clients/{ann}
  {"position": "Director"}
=> 200
  position = "Director"
  phone = "+1 555 0100"
  givenName = "Ann"

api PATCH /v1/clients/{ann}
  {"phone": "", "tags": []}
=> 200
  phone = null
  tags has 0 entries
  position = "Director"

api PUT /v1/clients/{ann}
  {"givenName": "Anna", "familyName": "Lee"}
=> 200
  givenName = "Anna"
  position = null
  email = "ann@example.com"

api GET /v1/clients/{ann}
=> 200
  header ETag as etag
api GET /v1/clients/{ann}
  with If-None-Match: {etag}
=> 304
api PATCH /v1/clients/{ann}
  {"position": "CEO"}
  with If-Match: "something else"
=> 412
api PATCH /v1/clients/{ann}
  {"position": "CEO"}
  with If-Match: {etag}
=> 200

api DELETE /v1/clients/{ann}
=> 200
  deleted = true
  id = "{ann}"
api GET /v1/clients/{ann}
=> 404
api DELETE /v1/clients/{ann}
=> 404
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Again", "email": "ann@example.com"}
=> 200

# A mail that cannot go out says so beside the invite, and who never got one is not invited
proves: S2

workspace "Rocket Agency" owned by owner@example.com

remove mail/tmp
write mail/tmp
A file where a folder should be: no mail can be written.
end of file
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  status = "invited"
  id as ann
wait 2 seconds
api GET /v1/invites?clientId={ann}
=> 200
  data.0.delivery = "deferred"
  data.0.deliveryText ~ Cannot write
  data.0.deliveryAttempts = 1
  data.0.nextDeliveryAt != null
  data.0.deliveredAt = null
api GET /v1/clients/{ann}
=> 200
  status = "invited"
clock + 15 days
wait 2 seconds
api GET /v1/invites?clientId={ann}
=> 200
  data.0.status = "expired"
  data.0.delivery = "refused"
  data.0.nextDeliveryAt = null
  data.0.deliveryText ~ expired before it could go out
  data.0.deliveryText ~ Cannot write
api GET /v1/clients/{ann}
=> 200
  status = "notInvited"
no more mail to ann@example.com
remove mail/tmp
api POST /v1/invites
  {"clientIds": ["{ann}"]}
=> 200
  data.0.ok = true
mail to ann@example.com
  link as invite
api GET /v1/invites?clientId={ann} until "delivery":"sent"
=> 200
  data.0.status = "pending"
  data.0.delivery = "sent"
  data.0.deliveryAttempts = 1
  data.0.nextDeliveryAt = null
  data.0.deliveryCode = 250
  data.0.deliveryFallback = null
api GET /v1/clients/{ann}
=> 200
  status = "invited"

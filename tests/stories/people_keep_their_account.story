# On the page of the account people change their profile and password, and end their sessions
proves: S11, S14

workspace "Rocket Agency" owned by owner@example.com

nobody GET /account
=> 303
  header Location = /sign-in

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "position": "Boss"}
=> 200
  id as ann
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
phone POST /sign-in
  with User-Agent: Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0
  email=ann@example.com
  password=a ladder of wet moss
=> 303

ann GET /account
=> 200
  page has "Your account"
  page has "This device"
  page has "Firefox on Android"

# What is faulty is shown again as it was sent, and changes nothing.
ann POST /account
  givenName=Anna
  familyName=Lee
  phone=call me
=> 400
  page has "Must be a phone number"
ann POST /account
  givenName=
  familyName=Lee
=> 400
ann POST /account
  givenName=Anna
  familyName=Lee
  email=other@example.com
=> 400
api GET /v1/clients/{ann}
=> 200
  givenName = "Ann"
ann POST /account
  givenName=Anna
  familyName=Lee
  phone=+43 1 234567
  position=
=> 303
  header Location = /account?saved=profile
ann GET /account?saved=profile
=> 200
  page has "Your profile is saved."
api GET /v1/clients/{ann}
=> 200
  givenName = "Anna"
  phone = "+43 1 234567"
  position = null

# The rule of PATCH /v1/me holds here, with what the form gives.
write scripts/house.lua
local foyer = require("foyer")
foyer.rule("me.update", function(ctx)
  if ctx.input and ctx.input.familyName == "King" then return foyer.deny("no_kings", "There are no kings here.") end
end)
end of file
wait 2 seconds
ann POST /account
  givenName=Anna
  familyName=King
=> 403
  page has "There are no kings here."

ann POST /account/password
  currentPassword=wrong wrong wrong
  newPassword=a second ladder of moss
=> 422
  page has "This is not your current password."
ann POST /account/password
  currentPassword=a ladder of wet moss
  newPassword=short
=> 422
  page has "Use at least 12 characters"
ann POST /account/password
  currentPassword=a ladder of wet moss
  newPassword=a second ladder of moss
=> 303
  header Location = /account?saved=password
ann GET /v1/me
=> 200
phone GET /v1/me
=> 401
mail to ann@example.com
  subject ~ password

# One device is signed out from another. Sessions of others are not there.
phone POST /sign-in
  email=ann@example.com
  password=a second ladder of moss
=> 303
phone GET /v1/sessions
=> 200
  data has 2 entries
  data.0.isCurrent = true
  data.0.id as current
ann POST /account/sessions/{current}/end
=> 303
phone GET /account
=> 303
  header Location = /sign-in
owner POST {sign_in}
  password=the ladder of the owner
=> 303
owner GET /v1/sessions
=> 200
  data.0.id as foreign
ann POST /account/sessions/{foreign}/end
=> 404
  page has "There is no such page"

# Staff have no phone and no position.
owner GET /account
=> 200
  page lacks "Position"
owner POST /account
  givenName=Olga
  familyName=Owner
=> 303
owner GET /
=> 200
  page has "Hello, Olga"

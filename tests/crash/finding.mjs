// Finding: something that the crash loop is there to find, as opposed to a fault of the test itself.
export function finding(message) {
  return Object.assign(new Error(message), { finding: true });
}

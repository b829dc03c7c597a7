// Parts of the page that are fetched anew, each waiting for itself alone.

/** Put what `address` answers into `place`. htmx drops the third request of an element that has one under way and one
 *  waiting; what has no element of its own counts as the page's. */
export function fetchInto(place, address, swap, source = place) {
  return htmx.ajax("GET", address, { target: place, swap, source });
}

/// The quota month at `wall`, counted in months since January 1970 in the quota's time zone.
package func quotaMonth(of wall: WallMoment) -> Int {
  let days = floorDivide(wall.ms + Limits.quotaTimeZone, Span.days(1))
  let (year, month, _) = civil(days)
  return (year - 1970) * 12 + month - 1
}

/// The first moment of the month after `wall`'s.
package func nextQuotaMonth(after wall: WallMoment) -> WallMoment {
  let next = quotaMonth(of: wall) + 1
  let days = daysFromCivil(year: 1970 + floorDivide(next, 12), month: next % 12 + 1)
  return WallMoment(ms: days * Span.days(1) - Limits.quotaTimeZone)
}

package func floorDivide(_ a: Int, _ b: Int) -> Int {
  a >= 0 ? a / b : -((-a + b - 1) / b)
}

/// The day of the Gregorian calendar that is so many days after 1970-01-01. Years start in March here. That puts the leap day at the end of the year and lets one formula
/// give the month lengths: 153 days in every five months.
package func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
  let shifted = days + 719_468  // days from 0000-03-01 to 1970-01-01
  let era = floorDivide(shifted, 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let month = (5 * dayOfYear + 2) / 153
  let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
  return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
}

/// Days from 1970-01-01 to the first of the month.
package func daysFromCivil(year: Int, month: Int) -> Int {
  let shiftedYear = month <= 2 ? year - 1 : year
  let era = floorDivide(shiftedYear, 400)
  let yearOfEra = shiftedYear - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

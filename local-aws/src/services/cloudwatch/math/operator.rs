//! Operators: of two series, the periods that both have count.

use super::super::alarm::invalid;
use super::super::series::Series;
use super::parse::Sign;
use super::{NO_RESULT, Operand};
use crate::fault::Fault;

/// The operand with its sign turned.
pub(super) fn negative(operand: Operand) -> Result<Operand, Fault> {
    apply(Sign::Minus, &Operand::Number(0.0), &operand)
}

/// Two operands joined by an operator.
pub(super) fn apply(sign: Sign, left: &Operand, right: &Operand) -> Result<Operand, Fault> {
    match (left, right) {
        (Operand::Number(left), Operand::Number(right)) => {
            let number = compute(sign, *left, *right).ok_or_else(|| invalid(NO_RESULT))?;
            Ok(Operand::Number(number))
        }
        (Operand::List(_), Operand::List(_)) => Err(invalid("An operator cannot join two arrays")),
        (Operand::List(list), one) => {
            each(list, |series| apply(sign, &Operand::Series(series.clone()), one))
        }
        (one, Operand::List(list)) => {
            each(list, |series| apply(sign, one, &Operand::Series(series.clone())))
        }
        (Operand::Series(series), Operand::Number(right)) => {
            Ok(Operand::Series(series.map(|_, left| compute(sign, left, *right))))
        }
        (Operand::Number(left), Operand::Series(series)) => {
            Ok(Operand::Series(series.map(|_, right| compute(sign, *left, right))))
        }
        (Operand::Series(left), Operand::Series(right)) => Ok(Operand::Series(
            left.map(|time, value| compute(sign, value, *right.points.get(&time)?)),
        )),
    }
}

fn each(
    list: &[Series],
    apply: impl Fn(&Series) -> Result<Operand, Fault>,
) -> Result<Operand, Fault> {
    let mut all = Vec::new();
    for series in list {
        if let Operand::Series(series) = apply(series)? {
            all.push(series);
        }
    }
    Ok(Operand::List(all))
}

/// The result for one period; none where there is no number, as by division by zero.
fn compute(sign: Sign, left: f64, right: f64) -> Option<f64> {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    let equal = (left - right).abs() <= f64::EPSILON * left.abs().max(right.abs());
    let result = match sign {
        Sign::Or => truth(left != 0.0 || right != 0.0),
        Sign::And => truth(left != 0.0 && right != 0.0),
        Sign::Equal => truth(equal),
        Sign::NotEqual => truth(!equal),
        Sign::LessOrEqual => truth(left <= right),
        Sign::GreaterOrEqual => truth(left >= right),
        Sign::Less => truth(left < right),
        Sign::Greater => truth(left > right),
        Sign::Plus => left + right,
        Sign::Minus => left - right,
        Sign::Times => left * right,
        Sign::By => left / right,
        Sign::Power => left.powf(right),
    };
    result.is_finite().then_some(result)
}

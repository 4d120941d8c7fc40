//! What `sweep-response` shows: the final scores of agents at each value of a swept setting.

use zerolab_metrics::labels::option_key;
use zerolab_metrics::{Anchors, Measure};

use super::anchor_lines::{self, AnchorLine};
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::labels::{agent_label, environment_label, setting};
use crate::scores::Estimate;

/// One setting in one environment.
pub(super) struct SettingPanel {
    pub environment: String,
    pub setting: String,
    /// Whether the points of a line differ in this setting only.
    pub only_this_varies: bool,
    pub agents: Vec<AgentResponse>,
    /// The environment's anchors at each value of the setting; at one value if it is not of the environment.
    pub anchored: Vec<(f64, Anchors)>,
    /// What exactly known policies reach.
    pub anchors: Vec<AnchorLine>,
}

/// The scores of one agent.
#[derive(Default)]
pub(super) struct AgentResponse {
    pub agent: String,
    /// Value of the setting and score, in ascending order of the value.
    pub points: Vec<(f64, Estimate)>,
    /// The scores of an agent without the setting: one for each of its other settings.
    pub levels: Vec<Estimate>,
}

impl AgentResponse {
    pub fn has_two_values(&self) -> bool {
        self.points.first().map(|(x, _)| x) != self.points.last().map(|(x, _)| x)
    }
}

impl SettingPanel {
    pub fn estimates(&self) -> impl Iterator<Item = &Estimate> {
        self.agents
            .iter()
            .flat_map(|it| it.points.iter().map(|(_, estimate)| estimate).chain(&it.levels))
    }

    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.agents.iter().flat_map(|agent| &agent.points).map(|(x, _)| *x)
    }
}

/// The panels of a swept key: one per environment in which an agent has finished runs at two of its values, with
/// equal values of the other swept settings if `only_this_varies`.
pub(super) fn panels(
    findings: &Findings,
    measure: &Measure,
    key: &str,
    only_this_varies: bool,
) -> Vec<SettingPanel> {
    let mut panels: Vec<SettingPanel> = Vec::new();
    let varying = if only_this_varies { vec![key] } else { findings.swept_keys() };
    for (reference, estimate) in findings.final_estimates(measure) {
        let environment = environment_label(reference, &varying);
        let agent = agent_label(reference, &varying);
        let number = setting(reference, key).and_then(|it| Some((it.name, it.number?)));
        let panel = find_or_add(
            &mut panels,
            |it| it.environment == environment,
            || SettingPanel {
                environment: environment.clone(),
                setting: String::new(),
                only_this_varies,
                agents: Vec::new(),
                anchored: Vec::new(),
                anchors: Vec::new(),
            },
        );
        let response = find_or_add(
            &mut panel.agents,
            |it| it.agent == agent,
            || AgentResponse { agent: agent.clone(), ..AgentResponse::default() },
        );
        // Without equal values of the other settings, an environment has no single curve.
        if let Some(anchors) = reference.anchors.filter(|_| only_this_varies) {
            let x = number.map(|(_, x)| x).filter(|_| option_key(key).is_some());
            panel.anchored.push((x.unwrap_or(0.0), anchors));
        }
        match number {
            Some((name, x)) => {
                panel.setting = name.to_owned();
                response.points.push((x, estimate));
            }
            None => response.levels.push(estimate),
        }
    }
    for response in panels.iter_mut().flat_map(|panel| &mut panel.agents) {
        response.points.sort_by(|(first, _), (second, _)| first.total_cmp(second));
    }
    for panel in &mut panels {
        panel.anchors = anchor_lines::lines(measure, &panel.anchored);
    }
    panels.retain(|panel| panel.agents.iter().any(AgentResponse::has_two_values));
    panels
}

// @ts-check
/** Order picks the runs of a reordered list that stay, so that few rows move. */

/** The heaviest runs whose starts ascend. @type {Fn<[Run[]], Run[]>} */
export function heaviest(runs) {
	if (runs.every((run, i) => !i || runs[i - 1].start < run.start)) return runs;
	const sum = runs.map((run) => run.weight);
	const before = runs.map(() => -1);
	let best = 0;
	for (let i = 0; i < runs.length; i++) {
		for (let j = 0; j < i; j++) {
			if (runs[j].start < runs[i].start && sum[j] + runs[i].weight > sum[i]) {
				sum[i] = sum[j] + runs[i].weight;
				before[i] = j;
			}
		}
		if (sum[i] > sum[best]) best = i;
	}
	const stay = [];
	for (let i = best; i >= 0; i = before[i]) stay.push(runs[i]);
	return stay;
}

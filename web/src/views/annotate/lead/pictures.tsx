import { itemThumbnail } from "../../../api/annotation.ts";
import type { ProjectItem } from "../../../api/types.ts";
import { t } from "../../../texts/index.ts";

/** The images of a study, small. */
export function StudyPictures({ project, item }: { project: string; item: ProjectItem }) {
  return (
    <div class="study-pictures">
      {Array.from({ length: item.images }, (_, image) => (
        <img key={image} src={itemThumbnail(project, item.id, image)} alt={t.viewer.image(image + 1, "")} />
      ))}
    </div>
  );
}
